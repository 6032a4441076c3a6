import { EventStoreSettings } from '@cohort/process';

/** What the command app reads from its environment. */
export class CommandSettings extends EventStoreSettings {}
