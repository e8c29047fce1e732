import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import {
  doubles,
  exrFile,
  floats,
  ints,
  joined,
  type MadePart,
  string,
  texts,
} from "../../read/header/testing/exr-file.ts"

const OIIOTOOL = fileURLToPath(new URL("../../../../vendor/OpenImageIO/bin/oiiotool", import.meta.url))
const COMPRESSIONS = ["none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab"]

const CHECKER = ["--pattern", "checker:width=8:height=8", "64x48", "3", "-d", "half"]
const TILES = ["--tile", "16", "16"]
const part = (name: string, view: string) => ["--attrib", "oiio:subimagename", name, "--attrib", "view", view]
const TIMED = [
  ...["--attrib:type=timecode", "smpte:TimeCode", "01:02:03:04"],
  ...["--attrib:type=rational", "FramesPerSecond", "24000/1001"],
  ...["--attrib", "Copyright", "été"],
]

/** Kinds of file by name, with what makes oiiotool write each. */
const MADE: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(COMPRESSIONS.map((name) => [`scanlines-${name}`, [...CHECKER, "--compression", name]])),
  "decreasing-lines": [...CHECKER, "--attrib", "openexr:lineOrder", "decreasingY", ...TIMED],
  tiled: [...CHECKER, ...TILES, ...TIMED],
  "tiled-random": [...CHECKER, ...TILES, "--attrib", "openexr:lineOrder", "randomY"],
  "multi-part-views": [
    ...[...CHECKER, ...part("rgb left", "left"), ...CHECKER, ...part("rgb right", "right")],
    ...["--siappend", ...TIMED],
  ],
  "multi-part-tiled": [
    ...[...CHECKER, ...TILES, ...part("a", "left"), ...CHECKER, ...TILES, ...part("b", "right"), "--siappend"],
  ],
  "deep-lines": [...CHECKER, "--ch", "R,G,B,A=1,Z=1", "--deepen"],
  "deep-tiles": [...CHECKER, "--ch", "R,G,B,A=1,Z=1", "--deepen", ...TILES],
  overscan: [...CHECKER, "--origin", "-8-4", "--fullsize", "48x40+0+0"],
}

/** Files of every kind in `folder`, written by oiiotool, and two by ourselves with all types of attributes and ripmaps. */
export function makeCollection(folder: string): readonly string[] {
  const made = Object.entries(MADE).map(([name, args]) => {
    const path = join(folder, `${name}.exr`)
    execFileSync(OIIOTOOL, [...args, "-o", path])
    return path
  })
  const mipmap = join(folder, "mipmap.exr")
  execFileSync(OIIOTOOL, [...CHECKER, ...TILES, "-otex", mipmap])
  return [...made, mipmap, ...Object.entries(OWN).map(([name, own]) => ownFile(join(folder, name), own))]
}

function ownFile(path: string, own: MadePart): string {
  writeFileSync(path, exrFile({ flags: own === OWN["ripmap.exr"] ? 0x200 : 0, parts: [own] }))
  return path
}

const OWN: Readonly<Record<string, MadePart>> = {
  "ripmap.exr": {
    channels: ["B", "G", "R"],
    attributes: [["tiles", "tiledesc", joined([ints(32, 32), Uint8Array.of(0x12)])]],
  },
  "all-types.exr": {
    channels: ["B", { name: "G", pixelType: 2 }, { name: "R", pixelType: 0 }, { name: "RY", sampling: 2 }],
    attributes: [
      ["b2i", "box2i", ints(-1, -2, 3, 4)],
      ["b2f", "box2f", floats(-1.5, 0, 2.25, 3)],
      ["chromaticities", "chromaticities", floats(0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)],
      ["d", "double", doubles(Math.PI)],
      ["f", "float", floats(0.1)],
      ["i", "int", ints(-5)],
      ["large", "float", floats(1e30)],
      ["infinite", "float", floats(Number.NEGATIVE_INFINITY)],
      ["none", "float", floats(Number.NaN)],
      ["envmap", "envmap", Uint8Array.of(1)],
      ["keyCode", "keycode", ints(1, 2, 3, 4, 5, 4, 64)],
      ["m33", "m33f", floats(1, 2, 3, 4, 5, 6, 7, 8, 9.5)],
      ["m33d", "m33d", doubles(1, 2, 3, 4, 5, 6, 7, 8, 9)],
      ["m44", "m44f", floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16.5)],
      ["m44d", "m44d", doubles(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16.5)],
      ["preview", "preview", joined([ints(2, 1), new Uint8Array(8)])],
      ["framesPerSecond", "rational", ints(24_000, 1001)],
      ["timeCode", "timecode", ints(0xc1_82_83_c4 | 0, 0x12345678)],
      ["multiView", "stringvector", texts("left", "right")],
      string("owner", 'été "q"'),
      ["v2i", "v2i", ints(1, -2)],
      ["v2f", "v2f", floats(1.5, 2)],
      ["v2d", "v2d", doubles(1.5, 2)],
      ["v3i", "v3i", ints(1, 2, 3)],
      ["v3f", "v3f", floats(1, 2, 3)],
      ["v3d", "v3d", doubles(1, 2, 3)],
      ["vector", "floatvector", floats(1, 2, 0.5)],
      ["deepImageState", "deepImageState", Uint8Array.of(1)],
      ["ours", "ourtype", ints(1)],
    ],
  },
}
