import {
  IsId,
  IsList,
  IsWhole,
  isDirectorySubject,
  NeedsBeside,
  NotBeside,
  Optional,
  USER_DIRECTORY,
  type UserDirectorySettings,
} from '@cohort/contracts';
import { ValidateBy } from 'class-validator';

const IsDirectorySubject = (): PropertyDecorator =>
  ValidateBy({
    name: 'isDirectorySubject',
    validator: {
      validate: isDirectorySubject,
      defaultMessage: () =>
        '$property must be a NATS subject without wildcards, and not one that begins with group, $ or _',
    },
  });

/** A directory is a list, or a subject. */
export const HasUsersOrSubject = (): PropertyDecorator =>
  ValidateBy({
    name: 'hasUsersOrSubject',
    validator: {
      validate: (value: unknown) =>
        typeof value !== 'object' || value === null || 'users' in value || 'subject' in value,
      defaultMessage: () => '$property must have users or subject',
    },
  });

/** The key `userDirectory` of a tenant. */
export class UserDirectory implements UserDirectorySettings {
  @Optional()
  @NotBeside('subject')
  @IsList(USER_DIRECTORY.listed)
  @IsId({ each: true })
  users?: string[];

  @Optional()
  @IsDirectorySubject()
  subject?: string;

  @Optional()
  @NeedsBeside('subject')
  @IsWhole(1, USER_DIRECTORY.timeoutMs.most)
  timeoutMs?: number;

  @Optional()
  @NeedsBeside('subject')
  @IsWhole(0, USER_DIRECTORY.cacheMs.most)
  cacheMs?: number;
}
