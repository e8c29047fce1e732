/** The page of a sheet: bundled into one script, which reads what it shows from the page's own data. */

import { render } from "preact"
import { sheetOfText } from "../page-data.ts"
import { App } from "./app.tsx"

const data = document.querySelector("#sheet")?.textContent
const place = document.querySelector("#app")
if (data === undefined || data === null || place === null) throw new Error("The page has no data.")
render(<App sheet={sheetOfText(data)} />, place)
