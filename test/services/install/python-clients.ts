import { createHash } from "node:crypto"
import { installed } from "./cache.ts"
import { pipInstall } from "./python.ts"

type Packages = Readonly<Record<string, string>>

/** What the Python in examples/ says that it needs, and what that needs, pinned: nothing of ours. */
const EXAMPLE_PACKAGES: Packages = {
  anyio: "4.16.0",
  attrs: "26.1.0",
  Authlib: "1.9.10",
  avro: "1.12.2",
  cachetools: "8.0.2",
  certifi: "2026.10.19.post1",
  cffi: "2.1.1",
  "charset-normalizer": "3.5.3",
  "confluent-kafka": "2.16.1",
  cryptography: "50.0.2",
  duckdb: "2.0.1",
  fastavro: "1.13.1",
  h11: "0.16.0",
  httpcore2: "2.16.2",
  httpx2: "2.16.2",
  idna: "3.20",
  joserfc: "1.8.0",
  "kafka-python": "3.0.12",
  pycparser: "3.12",
  requests: "2.34.2",
  truststore: "0.10.5",
  "typing-extensions": "4.16.0",
  urllib3: "2.8.0",
}

/** The clients that other teams use, and all that they need, pinned: what checks a deployment from outside. */
const OUTSIDE_PACKAGES: Packages = {
  boto3: "1.44.8",
  botocore: "1.44.8",
  certifi: "2026.10.19.post1",
  "charset-normalizer": "3.5.3",
  "confluent-kafka": "2.16.1",
  fastavro: "1.13.1",
  idna: "3.20",
  jmespath: "1.1.0",
  lz4: "4.4.5",
  orjson: "3.13.0",
  pillow: "13.0.0",
  "python-dateutil": "2.9.0.post0",
  pytz: "2026.6",
  requests: "2.34.2",
  s3transfer: "0.19.3",
  six: "1.17.0",
  trino: "0.340.0",
  tzlocal: "5.4.5",
  urllib3: "2.8.0",
  zstandard: "0.25.0",
}

/** What draws the charts of test/charts and says how they must look, pinned: nothing of ours. */
const CHART_PACKAGES: Packages = {
  imagecodecs: "2026.3.6",
  numpy: "2.4.6",
  OpenEXR: "3.5.3",
  OpenImageIO: "3.2.2.0",
  opencolorio: "2.6.0",
  tifffile: "2026.3.3",
}

/** What the pipeline imports that bench/peers.ts measures frames against, pinned: nothing of ours. */
const PEER_PACKAGES: Packages = {
  av: "18.1.0",
  numpy: "2.4.6",
  OpenEXR: "3.5.3",
  OpenImageIO: "3.2.2.0",
  "opencv-python-headless": "5.0.0.93",
}

const installPackages = (name: string, packages: Packages): Promise<string> => {
  const requirements = Object.entries(packages).map(([wheel, version]) => `${wheel}==${version}`)
  const digest = createHash("sha256").update(requirements.join("\n")).digest("hex").slice(0, 12)
  return installed({ name: `${name}-${digest}`, build: (folder) => pipInstall(requirements, folder) })
}

/** Folder for PYTHONPATH with what examples/ need. */
export const installPythonClients = (): Promise<string> => installPackages("python-clients", EXAMPLE_PACKAGES)

/** Folder for PYTHONPATH with boto3, trino, confluent-kafka, fastavro and Pillow. */
export const installOutsideClients = (): Promise<string> => installPackages("outside-clients", OUTSIDE_PACKAGES)

/** Folder for PYTHONPATH with OpenImageIO, OpenColorIO, OpenEXR and tifffile. */
export const installChartPackages = (): Promise<string> => installPackages("chart-packages", CHART_PACKAGES)

/** Folder for PYTHONPATH with OpenEXR, OpenImageIO, OpenCV and PyAV. */
export const installPeerPackages = (): Promise<string> => installPackages("peer-packages", PEER_PACKAGES)

/** Folder for PYTHONPATH with the fileseq that src/element/frame-name.ts is held against. */
export const installFileseq = (): Promise<string> => installPackages("fileseq", { fileseq: "3.4.0" })
