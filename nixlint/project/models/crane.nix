# github:ipetkov/crane: builds of Rust.
{ unknown, ... }:
{
  mkLib = _: unknown "crane makes packages";
}
