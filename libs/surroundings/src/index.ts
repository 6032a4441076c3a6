/**
 * What a process has to do with its surroundings: addresses of servers, secrets, private files, proxies, and texts about errors
 * that never fail and never contain a secret.
 */
export { AddressError, isHost, isLoopback, nodeText, type Credentials, type Node } from './address';
export { checkEventStoreAddress, readTlsFiles, type TlsFiles } from './tls-files';
export { parseEventStoreAddress, shownEventStore, type EventStoreAddress } from './event-store-address';
export { parseNatsAddress, shownNats, type NatsAddress } from './nats-address';
export {
  createFolder,
  holdsOnly,
  keepNewFilesPrivate,
  PRIVATE_FILE,
  privateFile,
  privateFolder,
  tightenAll,
} from './private-files';
export { keepLoopbackOffProxies, proxyFor } from './proxy';
export { hide, hideInJson, keepCredentials, keepSecret } from './secrets';
export { absolutePath, codeOf, messageOf, safely, stackOf, userName } from './texts';
export {
  judgeEventStore,
  judgeNats,
  whatAnswers,
  whyUnusable,
  type Answer,
  type Explanation,
  type Judge,
} from './what-answers';
