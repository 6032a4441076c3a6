import { defineDialect } from '../../dialect/dialect';
import type { DialectSpec } from '../../dialect/spec';
import { authenticate, CREDENTIALS } from './auth';
import { demo } from './demo';
import { errors, type WildfireChatError } from './errors';
import { create } from './operations/create';
import { groups } from './operations/groups';
import { health } from './operations/health';
import { managers } from './operations/managers';
import { members } from './operations/members';
import { modify } from './operations/modify';
import { users } from './operations/users';
import { WildfireChatSettings } from './settings';

/** The group part of WildfireChat's admin API (docs/dialects/wildfirechat.md). */
export const SPEC: DialectSpec<WildfireChatSettings, WildfireChatError> = {
  key: 'wildfirechat',
  title: 'WildfireChat',
  document: "WildfireChat's group document",
  settings: WildfireChatSettings,
  tenantKey: { name: 'secret', of: ({ secret }) => secret, secret: true },
  otherKey: { name: 'secondSecret', of: ({ secondSecret }) => secondSecret, secret: true },
  demo,
  claimed: '/admin/*path',
  claims: (path) => path.startsWith('/admin/'),
  authenticate,
  credentials: CREDENTIALS,
  ownPort: 'WILDFIRECHAT_PORT',
  errors,
  operations: [...create, ...groups, ...modify, ...members, ...managers, ...users, ...health],
};

export const wildfirechat = defineDialect(SPEC);
