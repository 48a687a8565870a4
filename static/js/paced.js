// Work that is asked for more often than it should be done.

// One run at a time with a rest of `pause` after it; calls meanwhile lead to one more run.
// A run that fails is told to the console and is over: what it left undone, the next call does.
export function paced(work, pause) {
  let running = false;
  let again = false;
  return async function run() {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await work().catch(console.warn);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    running = false;
  };
}
