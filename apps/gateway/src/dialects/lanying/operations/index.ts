import { announcements } from './announcements';
import { files } from './files';
import { memberProfile } from './member-profile';
import { members } from './members';
import { start } from './start';

/** The rows of each feature. The order has no meaning. */
export const operations = [...start, ...members, ...memberProfile, ...announcements, ...files];
