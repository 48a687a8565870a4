// The charts of a card: the numbers under the pointer, at the same moment in all of them.

import { amountText } from "./amounts.js";

const HOURS = 3660;

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
  const length = step * (charts[0]?.points.length ?? 0);
  const day = new Intl.DateTimeFormat(language, { month: "long", day: "numeric" });
  const clock = new Intl.DateTimeFormat(language, {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    ...(step < 60 ? { second: "2-digit" } : {}),
  });

  // Like the times below a chart (`dashboard/status/charts.py`): the day where there are several.
  function timeText(at) {
    return length > HOURS ? `${day.format(at)}, ${clock.format(at)}` : clock.format(at);
  }

  function show(place) {
    const when = timeText(new Date((t0 + place * step) * 1000));
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
