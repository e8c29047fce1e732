import { installed } from "./cache.ts"
import { pipInstall } from "./python.ts"

/** What examples/read_topic.py says that it needs, pinned: nothing of ours. */
const PACKAGES = { fastavro: "1.13.1", "kafka-python": "3.0.12" } as const

/** Folder for PYTHONPATH. */
export const installPythonClients = (): Promise<string> =>
  installed({
    name: `python-clients-${Object.values(PACKAGES).join("-")}`,
    build: async (folder) => {
      for (const [name, version] of Object.entries(PACKAGES)) await pipInstall(`${name}==${version}`, folder)
    },
  })
