import type { JSX } from "preact"
import { useEffect, useMemo, useRef } from "preact/hooks"
import { visible } from "../../system/visible.ts"
import type { Sheet } from "../index.ts"
import { type Choice, type Grouping, type Order, type State, statesOf, type Tile } from "../tiles.ts"
import { IconButton } from "./icons.tsx"
import { momentText } from "./texts.ts"

type ToolbarProps = {
  readonly sheet: Sheet
  readonly all: readonly Tile[]
  readonly shown: number
  readonly choice: Choice
  readonly grouping: Grouping
  readonly tileWidth: number
  readonly onChoice: (choice: Choice) => void
  readonly onGrouping: (grouping: Grouping) => void
  readonly onTileWidth: (px: number) => void
}

const STATES: Readonly<Record<State, string>> = {
  all: "All",
  shots: "Shots",
  singles: "Singles",
  gaps: "With gaps",
  failed: "Failed",
  warned: "Warnings",
}

const ORDERS: readonly (readonly [Order, string])[] = [
  ["name", "Name"],
  ["newest", "Newest"],
  ["frames", "Most frames"],
  ["worst", "Worst first"],
]

const GROUPINGS: readonly (readonly [Grouping, string])[] = [
  ["top", "Top folders"],
  ["two", "Two folders deep"],
  ["folder", "Every folder"],
  ["none", "None"],
]

/** What the sheet is of, and what chooses among its tiles. */
export function Toolbar(props: ToolbarProps) {
  const { sheet, all, shown, choice, onChoice } = props
  const states = useMemo(() => statesOf(all), [all])
  return (
    <header class="toolbar">
      <div class="line">
        <h1>{visible(sheet.title)}</h1>
        <span class="dim made">{madeText(sheet)}</span>
        <span class="dim" role="status">
          {shown === all.length ? "" : `${shown.toLocaleString("en")} of ${all.length.toLocaleString("en")}`}
        </span>
        <Filter
          query={choice.query}
          hint="name, colour space, code, -not"
          onQuery={(query) => onChoice({ ...choice, query })}
        />
      </div>
      <div class="line">
        <fieldset class="states">
          <legend class="unseen">Which to show</legend>
          {states.map(({ state, count }) => (
            <button
              type="button"
              key={state}
              class={state}
              aria-pressed={choice.state === state}
              onClick={() => onChoice({ ...choice, state })}
            >
              {STATES[state]} <b>{count.toLocaleString("en")}</b>
            </button>
          ))}
        </fieldset>
        <Arrangement {...props} />
      </div>
      {sheet.expiresAtMs === null ? null : <Expiry atMs={sheet.expiresAtMs} />}
    </header>
  )
}

const madeText = ({ madeAtMs, generatorVersion }: Sheet): string =>
  `${momentText(madeAtMs)} · oiio-proxy-generator ${visible(generatorVersion)}`

const Expiry = ({ atMs }: { readonly atMs: number }) => (
  <p class="dim expiry">
    {Date.now() < atMs
      ? `Its pictures and movies can be seen until ${momentText(atMs)}.`
      : `Its pictures and movies could be seen until ${momentText(atMs)}: make the sheet again.`}
  </p>
)

type FilterProps = {
  readonly query: string
  /** What can be found. */
  readonly hint: string
  readonly onQuery: (query: string) => void
}

/** Words to find; the slash leads there. */
export function Filter({ query, hint, onQuery }: FilterProps) {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    const listen = (event: KeyboardEvent): void => {
      const isInText = event.target instanceof HTMLInputElement && event.target.type === "search"
      if (event.key !== "/" || isInText || document.querySelector("dialog[open]") !== null) return
      event.preventDefault()
      box.current?.focus()
    }
    addEventListener("keydown", listen)
    return () => removeEventListener("keydown", listen)
  }, [])
  return (
    <input
      ref={box}
      class="filter"
      type="search"
      value={query}
      aria-label="Filter"
      placeholder={`Filter: ${hint}  ( / )`}
      onInput={({ currentTarget }) => onQuery(currentTarget.value)}
    />
  )
}

function Arrangement({ choice, grouping, tileWidth, onChoice, onGrouping, onTileWidth }: ToolbarProps) {
  return (
    <div class="arrangement">
      <Choose label="Sort" value={choice.order} options={ORDERS} onValue={(order) => onChoice({ ...choice, order })} />
      <Choose label="Group" value={grouping} options={GROUPINGS} onValue={onGrouping} />
      <label class="size">
        <span class="dim">Size</span>
        <input
          type="range"
          min="120"
          max="640"
          step="20"
          value={tileWidth}
          onInput={({ currentTarget }) => onTileWidth(Number(currentTarget.value))}
        />
      </label>
      <IconButton icon="theme" label="Light or dark" onClick={changeTheme} />
      <IconButton icon="print" label="Print" onClick={() => print()} />
    </div>
  )
}

export function changeTheme(): void {
  const root = document.documentElement
  const theme = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")
  root.dataset.theme = theme === "dark" ? "light" : "dark"
}

type ChooseProps<Value extends string> = {
  readonly label: string
  readonly value: Value
  readonly options: readonly (readonly [Value, string])[]
  readonly onValue: (value: Value) => void
}

/** One of a few, by name. */
export function Choose<Value extends string>({ label, value, options, onValue }: ChooseProps<Value>): JSX.Element {
  return (
    <label class="choose">
      <span class="dim">{label}</span>
      <select
        value={value}
        onChange={({ currentTarget }) => onValue(options[currentTarget.selectedIndex]?.[0] ?? value)}
      >
        {options.map(([option, says]) => (
          <option key={option} value={option}>
            {says}
          </option>
        ))}
      </select>
    </label>
  )
}
