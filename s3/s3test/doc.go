// Package s3test has what the tests of S3 synchronisation need: real servers on
// loopback, a proxy that misbehaves, a store that answers what no honest store
// would, folders with all that a folder can hold, and a comparison of two folders
// entry by entry.
//
// Its own tests are the specification of s3sync. They run it as a program of its
// own, which is this test's binary by another role, so that it can be killed, and
// so that the race detector watches it.
//
// The servers and mc are in [Binary]'s folder, where test.sh builds them. With
// S3TEST_SERVERS=weed, SeaweedFS is tested, too, if it is there; with S3TEST_BIG=1, TestMany and
// TestLarge are as big as it takes to meet S3's own limits.
package s3test
