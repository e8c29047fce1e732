import { useEffect, useRef } from "preact/hooks"
import uPlot from "uplot"
import { ratesOf, type Sample } from "../throughput.ts"

const HEIGHT = 180

/** Of an axis that has begun just now. */
const LEAST_SECONDS = 60

const clockText = (seconds: number): string => new Date(seconds * 1000).toLocaleTimeString("en-GB")

/** Rates since the page was opened. */
export function ThroughputChart({ samples }: { readonly samples: readonly Sample[] }) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  useEffect(() => {
    const { current } = place
    if (current === null) return
    const drawn = new uPlot(optionsOf(current), [[], []], current)
    chart.current = drawn
    const watcher = new ResizeObserver(() => drawn.setSize({ width: current.clientWidth, height: HEIGHT }))
    watcher.observe(current)
    const scheme = matchMedia("(prefers-color-scheme: dark)")
    const redraw = (): void => drawn.redraw()
    scheme.addEventListener("change", redraw)
    const themes = new MutationObserver(redraw)
    themes.observe(document.documentElement, { attributeFilter: ["data-theme"] })
    return () => {
      watcher.disconnect()
      themes.disconnect()
      scheme.removeEventListener("change", redraw)
      drawn.destroy()
    }
  }, [])
  const rates = ratesOf(samples)
  useEffect(() => chart.current?.setData([rates.map(({ atMs }) => atMs / 1000), rates.map(({ rate }) => rate)]))
  const last = rates.at(-1)?.rate ?? 0
  return <div class="chart" ref={place} role="img" aria-label={`Now ${last.toFixed(1)} frames a second`} />
}

/** Colours of the page as it is now: the chart is painted, and no style reaches it. */
const colour = (name: string): string => getComputedStyle(document.body).getPropertyValue(name)

function optionsOf(place: HTMLElement): uPlot.Options {
  const axis = {
    stroke: () => resolved("--dim"),
    grid: { stroke: () => resolved("--line"), width: 1 },
    ticks: { show: false },
  }
  return {
    width: place.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_, first, last) => [Math.min(first, last - LEAST_SECONDS), last] },
      y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] },
    },
    axes: [
      { ...axis, space: 110, values: (_, at) => at.map(clockText) },
      { ...axis, size: 44 },
    ],
    series: [{}, { stroke: () => resolved("--accent"), width: 2, points: { show: false } }],
  }
}

/** A canvas knows no light-dark(): the browser works the colour out of an element that has it. */
function resolved(name: string): string {
  const probe = document.createElement("span")
  probe.style.color = colour(name)
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
