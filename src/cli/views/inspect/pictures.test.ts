import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { exrFile, layer, type MadeExr, texts, viewPart } from "../../../picture/read/header/testing/exr-file.ts"
import type { SelectablePicture } from "../../../picture/read/select/selectable-pictures.ts"
import { call } from "../../testing/call.ts"
import type { ListedPicture } from "./channels.ts"

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inspect-pictures-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function look(made: MadeExr, ...args: readonly string[]) {
  writeFileSync(join(folder, "a.exr"), exrFile(made))
  return call(["inspect", "a.exr", ...args], { cwd: folder })
}

const listed = async (made: MadeExr, ...args: readonly string[]): Promise<readonly ListedPicture[]> =>
  JSON.parse((await look(made, "--json", ...args)).stdout).pictures

const FILES: readonly (readonly [string, MadeExr])[] = [
  [
    "layers and views",
    {
      parts: [
        {
          channels: [
            ...["B", "G", "R", "Z", "odd name.B", "odd name.G", "odd name.R"],
            ...["diffuse.left", "diffuse.right", "right"].flatMap((name) => layer(name, "BGR")),
            ...layer("N", "XYZ"),
            "right.Z",
          ],
          attributes: [["multiView", "stringvector", texts("left", "right")]],
        },
      ],
    },
  ],
  [
    "parts",
    {
      flags: 0x1000,
      parts: [
        viewPart("rgba.left", "left", ["R", "G", "B"]),
        viewPart("rgba.right", "right", ["R", "G", "B"]),
        viewPart("depth.left", "left", ["Z"]),
        viewPart("depth.right", "right", ["Z"]),
      ],
    },
  ],
  [
    "parts of one name and view",
    { flags: 0x1000, parts: [viewPart("a", "v", ["R", "G", "B"]), viewPart("a", "v", ["R", "G", "B"])] },
  ],
  [
    "colour with names of data beside a picture",
    { flags: 0x1000, parts: [viewPart("rgba", "left", ["R", "G", "B"]), viewPart("flow", "left", ["R", "G", "B"])] },
  ],
  ["colour with a name of data alone", { parts: [{ channels: layer("normals") }] }],
  ["data alone", { parts: [{ channels: ["Z", "id", ...layer("N", "XYZ"), ...layer("crypto00", "ABGR")] }] }],
]

/** Command-line flags of a choice, as somebody would type them. */
const flagsOf = ({ choice }: SelectablePicture): readonly string[] =>
  Object.entries(choice ?? {}).flatMap(([name, value]) =>
    name === "asColour" ? ["--as-colour"] : [`--${name}`, String(value)],
  )

describe("the pictures that inspect lists", () => {
  it.each(FILES)("can each be chosen by their flags: %s", async (_, made) => {
    const pictures = await listed(made)
    expect(pictures.length).toBeGreaterThan(1)
    expect(pictures.filter(({ shown }) => shown)).toHaveLength(1)
    for (const [at, one] of pictures.entries()) {
      const chosen = await listed(made, ...flagsOf(one))
      expect(
        chosen.flatMap(({ shown }, index) => (shown ? [index] : [])),
        JSON.stringify(one),
      ).toEqual([at])
    }
  })

  it("stand below each other with the flags that choose them", async () => {
    const text = (await look(FILES[0]?.[1] as MadeExr)).stdout
    expect(text).toContain("pictures\n")
    expect(text).toMatch(/^ {2}- +left +R G B +shown$/m)
    expect(text).toMatch(/^ {2}diffuse +right +R G B +--view right --layer diffuse$|--layer diffuse --view right$/m)
    expect(text).toMatch(/^ {2}odd name +R G B +--layer 'odd name'$/m)
    expect(text).toMatch(/^ {2}N +normals +X Y Z +--layer N$/m)
    expect(text).toMatch(/^ {2}- +left +depth +Z +--channels Z$/m)
    expect(text).toContain("(settings of these names do the same for all, pictureRules per prefix)")
  })

  it("are not listed where there is but one", async () => {
    expect((await look({ parts: [{ channels: ["R", "G", "B", "A"] }] })).stdout).not.toContain("pictures\n")
  })

  it("tell what a choice lacks, and what there is, all the same", async () => {
    const { code, stdout } = await look(FILES[1]?.[1] as MadeExr, "--layer", "diffuse")
    expect(code).toBe(0)
    expect(stdout).toContain("rendering       will fail: picture/choice-missing\n")
    expect(stdout).toContain('The settings choose the layer "diffuse", which the file has not; it has: rgba, depth.')
    expect(stdout).toMatch(/^ {2}2 +- +left +depth +Z +--layer depth$/m)
  })
})
