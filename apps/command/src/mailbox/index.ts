export { CommandMemory, type RememberedCommand } from './command-memory';
export { Mailboxes } from './mailboxes';
export { NewestPosition } from './newest-position';
export { UNOBSERVED, type MailboxObserver } from './observer';
export { readable } from './readable';
export type { Outcome, Recorded, StreamCommand, StreamKind } from './stream-kind';
