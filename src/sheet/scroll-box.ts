// How a scroll box that browsers can draw leads through rows that are higher than it.

/** Browsers lay out no more than some tens of millions of pixels, and lose exactness long before. */
export const MOST_BOX_PX = 5_000_000

export type BoxSizes = {
  /** Height of all rows. */
  readonly content: number
  /** Of the window. */
  readonly window: number
}

/** How far the box is scrolled, and what is at the top of the window then: pixels of the box, and of the rows. */
export type BoxPlace = { readonly box: number; readonly content: number }

/** Height of the box. */
export const boxHeightOf = (content: number): number => Math.min(content, MOST_BOX_PX)

/** A move of up to so many windows is somebody who reads on; a longer one is the scrollbar. */
const READING_WINDOWS = 2

/** Where a box is that was scrolled to `box`: by a wheel as far as the wheel went, by the scrollbar in proportion. */
export function scrolledTo(before: BoxPlace, box: number, { content, window }: BoxSizes): BoxPlace {
  const height = boxHeightOf(content)
  if (content <= height) return { box, content: box }
  const [lastOfBox, last] = [height - window, content - window]
  if (box <= 0) return { box, content: box }
  if (box >= lastOfBox) return { box, content: last + box - lastOfBox }
  const near = before.content + box - before.box
  const isReading = Math.abs(box - before.box) <= READING_WINDOWS * window && near > 0 && near < last
  return { box, content: isReading ? near : (box / lastOfBox) * last }
}

/** Where the scrollbar belongs while the rows stand where they are. */
export function boxFor(at: number, { content, window }: BoxSizes): number {
  const height = boxHeightOf(content)
  return content <= height ? at : (Math.max(0, Math.min(at, content - window)) / (content - window)) * (height - window)
}
