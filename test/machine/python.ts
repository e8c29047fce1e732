import { spawn } from "node:child_process"

export type PythonRun = {
  /** A script, or a folder with a `__main__.py`. */
  readonly script: string
  readonly args?: readonly string[]
  readonly stdin?: string
  /** Folder of the packages that the script imports. */
  readonly packages: string
}

/** What a Python script prints; throws what it complained of when it ends otherwise than well. */
export const python = ({ script, args = [], stdin = "", packages }: PythonRun): Promise<string> =>
  new Promise((resolve, reject) => {
    // Nothing is left in the source tree: no __pycache__.
    const env = { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" }
    const child = spawn("python3", [script, ...args], { env })
    const text = { stdout: "", stderr: "" }
    child.stdout.on("data", (chunk: Buffer) => {
      text.stdout += chunk.toString()
    })
    child.stderr.on("data", (chunk: Buffer) => {
      text.stderr += chunk.toString()
    })
    child.on("error", reject)
    child.on("close", (code) => {
      if (code === 0) resolve(text.stdout)
      else reject(new Error(`${script} ended with ${code}: ${text.stderr}`))
    })
    child.stdin.end(stdin)
  })
