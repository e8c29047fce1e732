import { useCallback, useEffect, useMemo, useState } from "preact/hooks"
import { ALL, type Go, hashOf, type Route, routeOf } from "../routes.ts"
import { FrameView } from "./frame.tsx"
import { useLive } from "./live.ts"
import { Operations } from "./operations.tsx"
import { TokenPrompt, Waiting } from "./prompts.tsx"
import { openServer, type Refused } from "./server.ts"
import { Shots } from "./shots.tsx"
import { Topbar } from "./topbar.tsx"

/** The whole page. */
export function App() {
  const [refused, setRefused] = useState<Refused | null>(null)
  const [turn, setTurn] = useState(0)
  const begin = useCallback(() => {
    setRefused(null)
    setTurn((before) => before + 1)
  }, [])
  if (refused?.kind === "token") return <TokenPrompt says={refused.says} onToken={begin} />
  return <Views key={turn} refused={refused} onRefused={setRefused} />
}

type ViewsProps = { readonly refused: Refused | null; readonly onRefused: (refused: Refused | null) => void }

/** All views, as they are seen with one token. */
function Views({ refused, onRefused }: ViewsProps) {
  const [route, go] = useRoute()
  const server = useMemo(() => openServer(onRefused), [onRefused])
  const live = useLive(server)
  const shots = useLastShots(route)
  return (
    <>
      <Topbar {...{ route, shots, live }} />
      {refused === null ? null : <Waiting refused={refused} />}
      {route.view === "shots" ? <Shots {...{ server, live, route, go }} /> : null}
      {route.view === "frame" ? <FrameView key={hashOf(route)} {...{ server, live, route }} /> : null}
      {route.view === "operations" ? <Operations {...{ server, live }} /> : null}
    </>
  )
}

/** The route of the address, and how to go elsewhere. */
function useRoute(): readonly [Route, Go] {
  const [route, setRoute] = useState(() => routeOf(location.hash))
  useEffect(() => {
    const look = (): void => setRoute(routeOf(location.hash))
    addEventListener("popstate", look)
    addEventListener("hashchange", look)
    return () => {
      removeEventListener("popstate", look)
      removeEventListener("hashchange", look)
    }
  }, [])
  const go = useCallback((to: Route, isStep = true) => {
    history[isStep ? "pushState" : "replaceState"](null, "", hashOf(to))
    setRoute(to)
  }, [])
  return [route, go]
}

/** Where the grid was left. */
function useLastShots(route: Route): Route {
  const [last, setLast] = useState<Route>({ view: "shots", wanted: ALL, shot: null })
  useEffect(() => {
    if (route.view === "shots") setLast({ ...route, shot: null })
  }, [route])
  return last
}
