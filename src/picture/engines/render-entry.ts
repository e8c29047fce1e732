import { flushCompileCache } from "node:module"
import { done } from "../../events/result.ts"
import { nativeEncoders } from "../native/encoders.ts"
import { enterSandbox, keepMemory, loadNativeLibrary, UNPROTECTED } from "../native/library.ts"
import { serveOrders } from "../processes/serve-orders.ts"
import { renderFrame } from "./in-process/render-order.ts"
import { openReader } from "./own-readers.ts"
import type { AnyOrder } from "./render-processes.ts"

/** Where it cannot be loaded, everything is done without it; `doctor` says so. */
const [, , libraryPath = ""] = process.argv
const loaded = loadNativeLibrary(libraryPath)
const library = loaded.ok ? loaded.value : null
if (library !== null) keepMemory(library)

// What Node has made of the sources can be kept for others only as long as files may be written.
flushCompileCache()
// A profile is written at the end.
const isProfiled = process.execArgv.some((flag) => flag.startsWith("--cpu-prof"))
const protection = library === null || isProfiled ? UNPROTECTED : enterSandbox(library)

const encoders = () => (library === null ? null : nativeEncoders(library))

/** What a render process runs. What few frames need is loaded when one does. */
await serveOrders<AnyOrder>(async ({ kind, order }, put) => {
  switch (kind) {
    case "render":
      return renderFrame(order, openReader, library)
    case "library":
      return loaded.ok ? done({ compiler: loaded.value.compiler, versions: loaded.value.versions, protection }) : loaded
    case "pass":
      return (await import("../data-passes/pass-order.ts")).paintPass(order, put)
    case "light":
      return (await import("./measure-light.ts")).measureLight(order)
    case "sheet":
      return (await import("../encode/sheet/draw.ts")).drawSheet(order, library)
    case "black":
      return (await import("../encode/black.ts")).encodeBlack(order, encoders())
    case "still":
      return (await import("../encode/sheet/draw.ts")).drawStill(order, encoders())
  }
})
