export type ToolName = "oiiotool" | "ffmpeg"

export type Version = { readonly text: string; readonly major: number; readonly minor: number }

type Ability = { readonly name: string; readonly args: readonly string[]; readonly shows: RegExp }

type Wanted = {
  readonly minimum: string
  /** Environment variable of the setting that names another one. */
  readonly variable: string
  readonly versionArgs: readonly string[]
  /** Where the wheel keeps the program itself. */
  readonly wheelFolder: string
  readonly wheelName: RegExp
  readonly abilities: readonly Ability[]
}

const ability = (kind: string, name: string, shows: RegExp): Ability => ({
  name,
  args: ["-hide_banner", "-h", `${kind}=${name}`],
  shows,
})

export const TOOLS: Readonly<Record<ToolName, Wanted>> = {
  oiiotool: {
    minimum: "2.4",
    variable: "OIIO_OIIOTOOL_PATH",
    versionArgs: ["--version"],
    wheelFolder: "OpenImageIO/bin",
    wheelName: /^oiiotool$/,
    abilities: [],
  },
  ffmpeg: {
    minimum: "5.1",
    variable: "OIIO_FFMPEG_PATH",
    versionArgs: ["-version"],
    wheelFolder: "imageio_ffmpeg/binaries",
    wheelName: /^ffmpeg-/,
    abilities: [ability("filter", "zscale", /^Filter zscale/m), ability("encoder", "libx264", /^Encoder libx264/m)],
  },
}

/** Version in a tool's own words: "3.2.2.0", "ffmpeg version n9.0.2-17-g2a571b6068", "ffmpeg version N-118000-g1234". */
export function parseVersion(name: ToolName, answer: string): Version | null {
  const text =
    name === "ffmpeg" ? /^ffmpeg version (\S+)/.exec(answer)?.[1] : /^(?:OpenImageIO )?(\d\S*)/.exec(answer)?.[1]
  if (text === undefined) return null
  // A build of ffmpeg's development branch has a number of commits, and is newer than any release.
  if (name === "ffmpeg" && /^N-\d+/.test(text)) return { text, major: Number.MAX_SAFE_INTEGER, minor: 0 }
  const numbers = /^n?(\d+)\.(\d+)/.exec(text)
  return numbers === null ? null : { text, major: Number(numbers[1]), minor: Number(numbers[2]) }
}

export function atLeast(version: Version, minimum: string): boolean {
  const [major = 0, minor = 0] = minimum.split(".").map(Number)
  return version.major > major || (version.major === major && version.minor >= minor)
}
