import { ActorError } from '../ground/errors.js'
import type { Call } from './call.js'
import { interceptor, type InterceptorDecorator } from './interceptor.js'
import { isPromiseLike } from '../ground/promise-like.js'
import { isSchema, type SchemaIssue, type SchemaResult, type StandardSchema } from './standard-schema.js'

/** Schemas of a method's arguments: one of its only argument, or a list with one of each argument. */
export type ArgumentSchemas = StandardSchema | readonly StandardSchema[]

/** The options of `validate`. */
export interface ValidateOptions {
  /**
   * What happens to methods that no schema is given for: they are called, unless this is `'refuse'`, which rejects with
   * `not-exposed`.
   */
  readonly others?: 'call' | 'refuse'
}

/** One element of the `cause` of what `validate` rejects with. */
export interface ValidationIssue {
  /** Which argument, counted from 0. */
  readonly argument: number
  /** Where in the argument. */
  readonly path: readonly (string | number)[]
  /** What the schema says. */
  readonly message: string
}

/** Issues that the text and the cause of an error hold, and characters of each: a peer may send what has very many. */
const TOLD = { text: 3, cause: 20, characters: 200, path: 32 }

/**
 * Checks the arguments of calls with schemas of any library that implements Standard Schema. The method gets what the
 * schemas put out.
 *
 * Takes an object with the schemas of each method, or, as a decorator of a method, the schemas alone. Schemas may be
 * asynchronous. More arguments than there are schemas are refused.
 *
 * A call with wrong arguments rejects with `malformed`: its text names the method, the argument, the path in it and the
 * issue, and its `cause` is a list of `ValidationIssue`. Throws `malformed` for anything but schemas.
 *
 * ```ts
 * intercept(Account, validate({ deposit: z.number().positive(), transfer: [z.string(), z.number()] }, { others: 'refuse' }))
 * ```
 */
export function validate(
  schemas: ArgumentSchemas | Readonly<Record<string, ArgumentSchemas>>,
  options: ValidateOptions = {},
): InterceptorDecorator {
  const others = options?.others ?? 'call'
  if (others !== 'call' && others !== 'refuse')
    throw new ActorError('malformed', "'others' of validate must be 'call' or 'refuse'")
  if ((typeof schemas !== 'object' && !isSchema(schemas)) || schemas === null)
    throw new ActorError('malformed', 'validate takes schemas, or an object with the schemas of each method')
  const isOfOne = isSchema(schemas) || Array.isArray(schemas)
  const every = isOfOne ? listOf(schemas as ArgumentSchemas) : undefined
  const named = new Map(isOfOne ? [] : Object.entries(schemas).map(([name, each]) => [name, listOf(each)]))
  return interceptor({
    expects: [...named.keys()],
    before(call) {
      const list = every ?? named.get(call.method)
      if (list) return check(call, list)
      if (others === 'call') return undefined
      throw new ActorError('not-exposed', `validate has no schema for ${call.method}(), and refuses it`)
    },
  })
}

/** Throws `malformed`. */
function listOf(schemas: ArgumentSchemas): readonly StandardSchema[] {
  const list = Array.isArray(schemas) ? (schemas as readonly StandardSchema[]) : [schemas as StandardSchema]
  if (!list.every(isSchema))
    throw new ActorError('malformed', 'validate takes schemas that implement Standard Schema, or lists of them')
  return list
}

function check(call: Call, schemas: readonly StandardSchema[]): unknown {
  const { args, method } = call
  if (args.length > schemas.length) {
    const text = `${method}() was called with ${args.length} arguments, and there are schemas for ${schemas.length}`
    const issue: ValidationIssue = { argument: schemas.length, path: [], message: 'there is no schema for it' }
    throw new ActorError('malformed', text, { cause: [issue] })
  }
  const results = schemas.map((schema, place) => {
    try {
      return schema['~standard'].validate(args[place])
    } catch (error) {
      // Others may be under way, and fail later.
      return Promise.reject<SchemaResult>(error)
    }
  })
  const take = (settled: readonly SchemaResult[]): void => {
    // Copies: the arrays of a schema may be of a class of its own, which makes something else in `map` and `slice`.
    const issues = settled.flatMap(({ issues }, argument) =>
      [...(issues ?? [])].slice(0, TOLD.cause).map((issue) => issueOf(argument, issue)),
    )
    if (settled.some((result) => result.issues)) throw refusal(method, issues)
    call.args = settled.map((result) => (result as { readonly value: unknown }).value)
    // What was left out stays so, unless the schema has a default for it.
    while (call.args.length > args.length && call.args.at(-1) === undefined) call.args.pop()
  }
  return results.some(isPromiseLike)
    ? Promise.all(results.map(async (result) => result)).then(take)
    : take(results as SchemaResult[])
}

function issueOf(argument: number, { path = [], message }: SchemaIssue): ValidationIssue {
  const keys = [...path].slice(0, TOLD.path).map((each) => (typeof each === 'object' ? each.key : each))
  return {
    argument,
    path: keys.map((key) => (typeof key === 'number' ? key : cut(String(key)))),
    message: cut(message),
  }
}

const cut = (text: string): string => text.slice(0, TOLD.characters)

function refusal(method: string, issues: readonly ValidationIssue[]): ActorError {
  const texts = issues
    .slice(0, TOLD.text)
    .map(({ argument, path, message }) => [`argument ${argument + 1}`, cut(path.join('.')), message].filter(Boolean))
  const text = `${method}(): ${texts.map((each) => each.join(': ')).join('; ')}`
  return new ActorError('malformed', text, { cause: issues.slice(0, TOLD.cause) })
}
