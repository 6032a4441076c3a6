export { GroupMailboxes, type GroupMailboxesOptions, type MailboxStore } from './group-mailboxes';
