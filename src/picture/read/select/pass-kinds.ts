import type { DataKind, DataPass } from "../../index.ts"

/** Whether a pass is data, which has no colours and takes no look; the other kinds are pictures. */
export const isData = (pass: DataPass | undefined): pass is DataPass & { readonly kind: DataKind } =>
  pass !== undefined && pass.kind !== "uint" && pass.kind !== "lab"
