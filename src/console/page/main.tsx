/** The console: bundled into one script, which asks the server that the page came from. */

import { render } from "preact"
import { App } from "./app.tsx"

const place = document.querySelector("#app")
if (place === null) throw new Error("The page has no place for the console.")
render(<App />, place)
