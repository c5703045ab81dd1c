package types

import apierrors "github.com/gamelift-compute/gamelift/errors"

// InternalServiceException reports that the service failed. It is
// [apierrors.InternalServiceException].
type InternalServiceException = apierrors.InternalServiceException

// InvalidRequestException reports an input that is not valid, or a resource that
// the operation does not support. It is [apierrors.InvalidRequestException].
type InvalidRequestException = apierrors.InvalidRequestException

// NotFoundException reports that the fleet, compute or build does not exist, or not
// yet. It is [apierrors.NotFoundException].
type NotFoundException = apierrors.NotFoundException

// UnauthorizedException reports that the service does not let the caller use the
// resource. It is [apierrors.UnauthorizedException].
type UnauthorizedException = apierrors.UnauthorizedException

// UnsupportedRegionException reports that the region does not support the operation.
// It is [apierrors.UnsupportedRegionException].
type UnsupportedRegionException = apierrors.UnsupportedRegionException
