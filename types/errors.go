package types

import apierrors "github.com/gamelift-compute/gamelift/errors"

// The exceptions that the API model names, as package errors defines them.
type (
	InternalServiceException   = apierrors.InternalServiceException
	InvalidRequestException    = apierrors.InvalidRequestException
	NotFoundException          = apierrors.NotFoundException
	UnauthorizedException      = apierrors.UnauthorizedException
	UnsupportedRegionException = apierrors.UnsupportedRegionException
)
