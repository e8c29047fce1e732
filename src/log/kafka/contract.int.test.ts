import { sharedServices } from "../../../test/services/shared.ts"
import { eventLogContract } from "../contract.ts"
import { openContractLog } from "./testing/open.ts"

eventLogContract("kafka", async () => openContractLog(await sharedServices("kafka", "registry")), {
  quietMs: 500,
  laterReaderTakesOver: false,
  deviations: ["one partition a topic in this suite; more in src/log/kafka"],
})
