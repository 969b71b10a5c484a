"""What each service of the API does: a message in, a message out, free of gRPC's contexts and of statuses."""
