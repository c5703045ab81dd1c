package types

import apierrors "github.com/gamelift-compute/gamelift/errors"

// InternalServiceException is [apierrors.InternalServiceException].
type InternalServiceException = apierrors.InternalServiceException

// InvalidRequestException is [apierrors.InvalidRequestException].
type InvalidRequestException = apierrors.InvalidRequestException

// NotFoundException is [apierrors.NotFoundException].
type NotFoundException = apierrors.NotFoundException

// UnauthorizedException is [apierrors.UnauthorizedException].
type UnauthorizedException = apierrors.UnauthorizedException

// UnsupportedRegionException is [apierrors.UnsupportedRegionException].
type UnsupportedRegionException = apierrors.UnsupportedRegionException
