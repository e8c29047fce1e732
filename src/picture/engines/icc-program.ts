import sharp from "sharp"

/**
 * Run as a program, under a tool's limits: littleCMS, inside libvips, converts a picture by the profile that
 * is in it, to sRGB of 16 bits without compression. Arguments: source, what is written, number of the directory of a TIFF.
 */
const [source = "", written = "", directory = null] = process.argv.slice(2)
sharp.concurrency(1)
sharp.cache(false)
const done = sharp(source, {
  ...(directory === null ? {} : { page: Number(directory) }),
  failOn: "error",
  limitInputPixels: false,
  sequentialRead: true,
})
  // Samples of 16 bits go by way of Display P3, and only from there to sRGB where it is asked for as a profile.
  .withIccProfile("srgb", { attach: false })
  .toColourspace("rgb16")
  .tiff({ compression: "none" })
  .toFile(written)
await done.catch((error: unknown) => {
  if (!(error instanceof Error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
