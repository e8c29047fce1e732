import { onPath, run } from "./run.ts"

/** Puts these PyPI wheels, and nothing that they ask for besides, into a folder. */
export const pipInstall = async (requirements: readonly string[], folder: string): Promise<void> => {
  const python = onPath("python3")
  if (python === undefined) {
    throw new Error(`python3 with pip is needed to fetch ${requirements.join(", ")}: install it (Debian: python3-pip).`)
  }
  const flags = ["--quiet", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--no-cache-dir"]
  await run(python, ["-m", "pip", "install", ...flags, "--target", folder, ...requirements])
}
