import type { PersonalText } from '@cohort/contracts';

/** What a text is recognized by: its key and its nonce, which follows from the text. */
export const markOf = (text: PersonalText = ''): string =>
  typeof text === 'string' ? text : `${text.keyId} ${text.ct.slice(0, 16)}`;
