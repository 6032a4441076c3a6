import { announcements } from './announcements.cases';
import { files } from './files.cases';
import { memberProfile } from './member-profile.cases';
import { members } from './members.cases';
import type { OperationCases } from './operation-case';

/** The cases of each feature. */
export const OPERATION_CASES: OperationCases = { ...members, ...memberProfile, ...announcements, ...files };
