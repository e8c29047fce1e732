import { sharedServices } from "../../../test/services/shared.ts"
import { eventLogContract } from "../contract.ts"
import { KAFKA_DEVIATIONS } from "./index.ts"
import { openContractLog } from "./testing/open.ts"

eventLogContract("kafka", async () => openContractLog(await sharedServices("kafka", "registry")), {
  quietMs: 500,
  laterReaderTakesOver: false,
  deviations: [...KAFKA_DEVIATIONS, "one partition a topic in this suite; more in src/log/kafka"],
})
