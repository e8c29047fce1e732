/** Name of the folder that holds log and tables, inside the folder of frames, unless a setting names another place. */
export const STATE_FOLDER_NAME = ".oiio-proxy-generator"
