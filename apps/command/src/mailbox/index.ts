export { DEFAULT_LIMITS, GroupMailboxes, type ExecuteInput, type MailboxLimits } from './group-mailboxes';
