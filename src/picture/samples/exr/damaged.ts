import { failure } from "../../../events/failure.ts"
import { failed } from "../../../events/result.ts"

/** The file contradicts itself or ends early. */
export const damaged = (says: string): ReturnType<typeof failed> => failed(failure("picture/damaged", says))
