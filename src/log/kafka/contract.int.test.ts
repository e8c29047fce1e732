import { sharedServices } from "../../../test/services/shared.ts"
import { eventLogContract } from "../contract.ts"
import { openContractLog } from "./testing/open.ts"

eventLogContract("kafka", async () => openContractLog(await sharedServices("kafka", "registry")), {
  quietMs: 500,
  laterReader: "stands by",
  otherProcess: "reads and writes",
  offsets: "after the facts",
  outage: "of everything",
  // group.int.test.ts has topics of several.
  partitions: 1,
})
