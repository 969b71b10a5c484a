"""What every request passes on its way to a servicer, from the outside in: errors, deserialise, deadlines, admission.

These wrap a method's handler once, when the server is built. gRPC's own interceptors would run again for each call, and
could not see the bytes of a request that does not parse.
"""
