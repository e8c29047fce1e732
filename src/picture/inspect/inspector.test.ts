import { headerInspectorContract } from "./contract.ts"
import { openHeaderInspector } from "./inspector.ts"

headerInspectorContract("The inspector of this process", openHeaderInspector)
