/** Render farms that tell when work is complete. They name jobs and never say where the pictures went. */

/** What each farm names; `by` of HintReported. */
export const FARMS = {
  opencue: ["show", "shot", "job", "layer"],
  "deadline-cloud": ["farm", "queue", "job", "step"],
} as const

export type Farm = keyof typeof FARMS

export type FarmName = (typeof FARMS)[Farm][number]

/** What is part of a job: an event of a layer says nothing of the whole job, and an event of a job is of no single layer. */
export const PARTS = ["layer", "step"] as const satisfies readonly FarmName[]

/** What a farm has completed. A name that its event does not tell is left out. */
export type FarmWork = { readonly by: Farm; readonly names: Readonly<Partial<Record<FarmName, string>>> }

/** Where the frames of a job are: what their keys begin with. */
export type FarmPlace = { readonly bucket: string; readonly prefix: string }

export const isFarm = (by: unknown): by is Farm => typeof by === "string" && Object.hasOwn(FARMS, by)
