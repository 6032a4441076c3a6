export { CommandMemory, type RememberedCommand } from './command-memory';
export { GroupMailboxes, type GroupMailboxesOptions, type MailboxStore } from './group-mailboxes';
export { Mailboxes } from './mailboxes';
export { NewestPosition } from './newest-position';
export { NOBODY, type MailboxObserver } from './observer';
export { readable } from './readable';
export type { Outcome, Recorded, StreamCommand, StreamKind } from './stream-kind';
