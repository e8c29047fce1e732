import { pictureEngineContract } from "../../contract.ts"

pictureEngineContract("oiiotool", {
  truncated: { code: "tool/failed", says: /^oiiotool refused the file \(exit 1\): .*(missing|corrupt)/ },
  showsLuminanceChroma: false,
  tells: ["oiiotool/single-part", ["ffmpeg", "oiiotool"], ["ffmpeg", "oiiotool"]],
})
