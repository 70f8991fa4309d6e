/**
 * The engine for a worker of the app's own.
 *
 * @packageDocumentation
 */
export { run } from './run.ts'
