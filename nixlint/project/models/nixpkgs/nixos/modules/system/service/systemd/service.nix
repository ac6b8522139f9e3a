# The part of a service that systemd reads. Its options are not modelled.
{ config, ... }: { }
