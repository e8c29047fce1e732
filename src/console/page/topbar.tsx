import { IconButton } from "../../sheet/page/icons.tsx"
import { changeTheme } from "../../sheet/page/toolbar.tsx"
import { hashOf, type Route } from "../routes.ts"
import type { Live } from "./live.ts"

type TopbarProps = { readonly route: Route; readonly shots: Route; readonly live: Live }

/** Where one can go, and whether what is shown is live. */
export function Topbar({ route, shots, live }: TopbarProps) {
  return (
    <header class="topbar">
      <button type="button" class="skip" onClick={() => document.querySelector("main")?.focus()}>
        Skip to the content
      </button>
      <nav aria-label="Views">
        <a href={hashOf(shots)} aria-current={route.view === "shots" ? "page" : undefined}>
          Shots
        </a>
        <a href="#/operations" aria-current={route.view === "operations" ? "page" : undefined}>
          Operations
        </a>
      </nav>
      <span class={live.isConnected ? "live on" : "live"} role="status">
        {live.isConnected ? "Live" : "Not live: connecting…"}
      </span>
      <IconButton icon="theme" label="Light or dark" onClick={changeTheme} />
    </header>
  )
}
