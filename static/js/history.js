// The charts of a card: the numbers under the pointer, at the same moment in all of them.

import { amountText } from "./amounts.js";

export function mountHistory(root) {
  const language = document.documentElement.lang;
  const t0 = Number(root.dataset.history);
  const step = Number(root.dataset.step);
  const charts = [...root.querySelectorAll("[data-chart]")].map((chart) => ({
    name: chart.dataset.chart,
    points: JSON.parse(chart.dataset.points),
    cursor: chart.querySelector("[data-cursor]"),
    read: chart.querySelector("[data-read]"),
    words: chart.querySelector("[data-read]").textContent,
    plot: chart.querySelector("svg"),
  }));
  const clock = new Intl.DateTimeFormat(language, {
    ...(step > 600 ? { month: "short", day: "numeric" } : {}),
    hour: "2-digit",
    minute: "2-digit",
    ...(step < 60 ? { second: "2-digit" } : {}),
  });

  function show(place) {
    const when = clock.format(new Date((t0 + place * step) * 1000));
    for (const { name, points, cursor, read } of charts) {
      cursor.setAttribute("d", `M${place},0V100`);
      read.textContent = `${when} · ${told(name, points[place])}`;
    }
  }

  function told(name, point) {
    if (!point) return "–";
    const [middle, least, most] = point.map((value) => amountText(name, value, language));
    return least === most ? middle : `${middle} (${least} … ${most})`;
  }

  function rest() {
    for (const { cursor, read, words } of charts) {
      cursor.setAttribute("d", "");
      read.textContent = words;
    }
  }

  for (const { plot, points } of charts) {
    plot.addEventListener("pointermove", ({ clientX }) => {
      const { left, width } = plot.getBoundingClientRect();
      // The last place that its pixel covers: the edge of the chart is the newest one,
      // however many places share a pixel.
      const place = Math.ceil(((clientX - left + 1) / width) * points.length) - 1;
      show(Math.min(Math.max(place, 0), points.length - 1));
    });
    plot.addEventListener("pointerleave", rest);
  }
}
