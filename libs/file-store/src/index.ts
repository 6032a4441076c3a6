/** The bytes of files. What describes a file to its users is in the log; here are names without a meaning, and bytes. */
export { JetStreamFiles, type FilesOptions } from './jetstream-files';
export { JetStreamInventory } from './jetstream-inventory';
export {
  addressOf,
  nameIn,
  newFileName,
  type FileInventory,
  type FileStore,
  type NewFile,
  type OpenFile,
  type StoredFile,
  type Unfinished,
} from './file-store';
