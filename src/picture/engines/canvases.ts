import { pictureRectangle } from "../geometry.ts"
import type { Reading, Rectangle, RenderSettings } from "../index.ts"

/** Where the picture stands in both outputs. */
export const canvases = (
  { selection }: Reading,
  { proxyWidthPx, proxyHeightPx, thumbnailEdgePx }: RenderSettings,
): { proxy: Rectangle; thumbnail: Rectangle } => ({
  proxy: pictureRectangle(selection, { widthPx: proxyWidthPx, heightPx: proxyHeightPx, even: true }),
  thumbnail: pictureRectangle(selection, { widthPx: thumbnailEdgePx, heightPx: thumbnailEdgePx, even: false }),
})
