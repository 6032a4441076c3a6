import {
  IsId,
  IsList,
  IsWhole,
  isDirectorySubject,
  NeedsBeside,
  NotBeside,
  Optional,
  OptionalWith,
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

/** The key `userDirectory` of a tenant. */
export class UserDirectory implements UserDirectorySettings {
  @OptionalWith('subject')
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
