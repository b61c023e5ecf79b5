<?php

return 'till says 1';
