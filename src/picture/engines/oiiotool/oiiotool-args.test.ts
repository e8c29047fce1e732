import { describe, expect, it } from "vitest"
import type { OutputPlan } from "../plan.ts"
import { boxOf, type PlanOptions, planOf } from "../testing/readings.ts"
import { lightStatsArgs, renderArgs, sourceStatsArgs } from "./oiiotool-args.ts"

const shifted = { xMin: 100, yMin: 50, xMax: 2019, yMax: 1129 }
const FILES = {
  source: "shown.exr",
  of: ({ name, encoder }: OutputPlan) => `${name}.${encoder.format === "jpeg" ? "jpg" : "tif"}`,
}
const line = async (options: PlanOptions = {}, major = 3) => renderArgs(await planOf(options), FILES, major).join(" ")
/** What stands between reading and the first resize. */
const reads = async (options: PlanOptions) => /proxy\.ocio (.*?) --resize/.exec(await line(options))?.[1]

describe("the recipe", () => {
  it("makes both outputs of a plain EXR in one process with one decode", async () => {
    expect(await line()).toBe(
      "--wildcardoff --evaloff --nosoftwareattrib --threads 1 --colorconfig proxy.ocio -i:ch=R,G,B shown.exr --subimage 0 --selectmip 0 " +
        "--resize:filter=triangle 1920x1080 --printstats --fixnan box3 --eraseattrib .* " +
        "--dup --ociodisplay:from=lin_rec709 Rec709-camera Un-tone-mapped " +
        "-d uint16 --compression none --scanline -o proxy.tif --pop " +
        "--resize:filter=triangle:highlightcomp=1 256x144 --ociodisplay:from=lin_rec709 sRGB Un-tone-mapped " +
        "--origin +0+56 --fullsize 256x256+0+0 --croptofull --attrib Exif:ColorSpace 1 -d uint8 --compression jpeg:85 -o thumbnail.jpg",
    )
  })

  it("names the source's space the old way to oiiotool 2", async () => {
    const args = await line({}, 2)
    expect(args).toContain("--iscolorspace lin_rec709 --ociodisplay sRGB Un-tone-mapped")
    expect(args).not.toContain("from=")
  })

  it.each<[string, PlanOptions["selection"], string]>([
    [
      "a multi-part file by its part",
      { part: 3, partName: "beauty" },
      "shown.exr --subimage 3 --selectmip 0 --ch R=R,G=G,B=B",
    ],
    ["the first of several parts too", { partName: "left" }, "shown.exr --subimage 0 --selectmip 0 --ch R=R,G=G,B=B"],
    ["a deep file flattened", { deep: true }, "shown.exr --flatten --ch R=R,G=G,B=B"],
    [
      "a deep part flattened, which has to be the first for it",
      { deep: true, part: 2 },
      "shown.exr --subimage:delete=1 0 --subimage:delete=1 0 --flatten --ch R=R,G=G,B=B",
    ],
    ["one channel as grey", { channels: ["Y", "Y", "Y"] }, "shown.exr --subimage 0 --selectmip 0 --ch R=Y,G=Y,B=Y"],
    [
      "a layer",
      { channels: ["b.R", "b.G", "b.B"] },
      "-i:ch=b.R,b.G,b.B shown.exr --subimage 0 --selectmip 0 --chnames R,G,B",
    ],
    [
      "a TIFF without its alpha",
      { format: "tiff" },
      "shown.exr --subimage 0 --selectmip 0 --ch R=R,G=G,B=B --origin +0+0 --fullpixels",
    ],
    [
      "a rotated picture upright",
      { format: "tiff", orientation: 6 },
      "shown.exr --subimage 0 --selectmip 0 --ch R=R,G=G,B=B --orientation 6 --reorient --origin +0+0 --fullpixels",
    ],
    [
      "the display window alone",
      { dataWindow: { xMin: -10, yMin: 5, xMax: 1000, yMax: 700 } },
      "-i:ch=R,G,B shown.exr --subimage 0 --selectmip 0 --croptofull --origin +0+0 --fullpixels",
    ],
    [
      "a window away from the origin without copying it",
      { dataWindow: shifted, displayWindow: shifted },
      "-i:ch=R,G,B shown.exr --subimage 0 --selectmip 0 --origin +0+0 --fullpixels",
    ],
  ])("reads %s", async (_, selection, expected) => {
    expect(await reads({ selection: selection ?? {} })).toBe(expected)
  })

  it("reads channels by their numbers where their names would be misread", async () => {
    const plan = {
      ...(await planOf({ selection: { channels: ["a,b.R", "a,b.G", "a,b.B"] } })),
      channelNumbers: [3, 2, 1],
    }
    const args = renderArgs(plan, FILES, 3).join(" ")
    expect(args).toContain("shown.exr --subimage 0 --selectmip 0 --ch 3,2,1 --chnames R,G,B --resize")
  })

  it("linearises log before it resizes, and counts non-finite samples before the curve hides them", async () => {
    const colorspace = { configSpace: "LogC3", encoding: "log" }
    expect(await reads({ colorspace })).toBe(
      "-i:ch=R,G,B shown.exr --subimage 0 --selectmip 0 --printstats --colorconvert LogC3 lin_rec709",
    )
    expect(await line({ colorspace })).toContain("--ociodisplay:from=lin_rec709 sRGB Un-tone-mapped")
    const dpx = await line({ colorspace: { ...colorspace, configSpace: "KodakLog" }, selection: { format: "dpx" } })
    expect(dpx).toMatch(/--colorconvert KodakLog lin_rec709 --resize\S+ \S+ --printstats/)
  })

  it("encodes display-referred sources again with their own curve, in both outputs, and never through a view", async () => {
    const args = await line({
      selection: { format: "tiff" },
      colorspace: { configSpace: "srgb_tx", encoding: "display", look: "aces-sdr" },
    })
    expect(args).not.toContain("--ociodisplay")
    expect(args.match(/--colorconvert srgb_tx lin_rec709/g)).toHaveLength(1)
    expect(args.match(/--colorconvert lin_rec709 srgb_tx/g)).toHaveLength(2)
  })

  it("applies a matrix of foreign primaries row by row, at the small size", async () => {
    const args = await line({ colorspace: { matrix: [1, 2, 3, 4, 5, 6, 7, 8, 9] } })
    expect(args).toContain("--fixnan box3 --ccmatrix:transpose=1 1,2,3,4,5,6,7,8,9 --eraseattrib")
  })

  it("shows the ACES look on the Rec.1886 display", async () => {
    const args = await line({ colorspace: { look: "aces-sdr" } })
    expect(args).toContain("--ociodisplay:from=lin_rec709 Rec1886 ACES SDR")
    expect(args).toContain("--ociodisplay:from=lin_rec709 sRGB ACES SDR")
  })

  it("converts with the bundled config what a facility's config does not know, then shows it with the facility's", async () => {
    const config = {
      path: "facility.ocio",
      spaces: new Set(["Linear Rec.709 (sRGB)", "Show Log: v2"]),
      displays: new Map([["sRGB - Display", ["Un-tone-mapped"]]]),
    }
    const unknown = await line({ config, colorspace: { configSpace: "ACEScg" } })
    expect(unknown).toContain("--colorconvert ACEScg lin_rec709 --colorconfig facility.ocio --eraseattrib")
    expect(unknown).toContain("--ociodisplay:from=Linear Rec.709 (sRGB) sRGB - Display Un-tone-mapped")
    const known = await line({ config, colorspace: { configSpace: "Show Log: v2", encoding: "log" } })
    expect(known).toContain(
      "--colorconfig facility.ocio -i:ch=R,G,B shown.exr --subimage 0 --selectmip 0 --printstats --colorconvert Show Log: v2 Linear",
    )
    expect(known).not.toContain("proxy.ocio")
    const unstated = await line({ config, colorspace: { configSpace: "Show Log: v2" } })
    expect(unstated).toBe(known)
  })

  it("looks at a source's own numbers without the short cut, each channel once", async () => {
    const grey = await planOf({ selection: { channels: ["Y", "Y", "Y"], dataWindow: boxOf(9, 9) } })
    expect(sourceStatsArgs(grey, "shown.exr").join(" ")).toMatch(
      /shown.exr --subimage 0 --selectmip 0 --ch Y --croptofull --origin \+0\+0 --fullpixels --printstats$/,
    )
    expect(lightStatsArgs(await planOf(), "shown.exr").join(" ")).toMatch(
      /shown.exr --subimage 0 --selectmip 0 --ch R=R,G=G,B=B --colorconvert lin_rec709 lin_rec709 --printstats$/,
    )
  })
})
