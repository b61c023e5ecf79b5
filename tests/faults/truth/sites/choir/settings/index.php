<?php echo "<!doctype html><title>The Choir</title><h1>BYSTANDER-CHOIR</h1>";
