import { defineDialect } from '../../dialect/dialect';
import { authenticate, CREDENTIALS } from './auth';
import { demo } from './demo';
import { errors } from './errors';
import { groups } from './operations/groups';
import { members } from './operations/members';
import { groupsMuted } from './operations/muted-groups';
import { mutes } from './operations/mutes';
import { remarks } from './operations/remarks';
import { users } from './operations/users';
import { RongCloudSettings } from './settings';

/** The group module of RongCloud's server API (docs/dialects/rongcloud.md). */
export const rongcloud = defineDialect({
  key: 'rongcloud',
  title: 'RongCloud',
  document: "RongCloud's group document",
  settings: RongCloudSettings,
  tenantKey: { name: 'appKey', of: ({ appKey }) => appKey },
  demo,
  claimed: '/*path.json',
  claims: (path) => path.endsWith('.json'),
  authenticate,
  credentials: CREDENTIALS,
  errors,
  operations: [...users, ...groups, ...members, ...mutes, ...groupsMuted, ...remarks],
});
