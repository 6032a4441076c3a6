export { GroupMailboxes, type GroupMailboxesOptions, type MailboxStore } from './group-mailboxes';
export type { MailboxObserver } from './observer';
